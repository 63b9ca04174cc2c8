export { type ApiServerAnswer, callApiServer } from './call-api-server.ts'
export {
  type PostgresOptions,
  type RunningPostgres,
  removePostgres,
  runningPostgresUrl,
  startPostgres,
  stopPostgres,
} from './start-postgres.ts'
export { type RunningRedis, startRedis } from './start-redis.ts'
export { type DatabaseTemplate, rigDatabaseUrl, type TestDatabase, testDatabase } from './test-database.ts'
export { rigClientCa, rigKubeConfigPath, rigKubectlPath, testNamespace } from './test-namespace.ts'

export * from './admission-policies.ts'
export * from './custom-resource-definition.ts'
export * from './open-api-schema.ts'

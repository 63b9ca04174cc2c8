export { kindDown, kindUp } from './kind-cluster.ts'
export type { PortMapping } from './kind-config.ts'
export { type KindFacts, kindFacts, kindObstacle } from './kind-obstacle.ts'

export {
  type CreateDemoWarehouseOptions,
  createDemoWarehouse,
  type DemoShape,
  type DemoWarehouse,
  demoOwner,
  demoReader,
  demoShapes,
} from './create-demo-warehouse.ts'

// openloyalty-mockserver: a mock of the Open Loyalty REST API for tests in JavaScript.
export { ExpectationFailed } from "./complaints.js";
export * from "./control.js";
export { ExecutableNotFound, findExecutable } from "./executable.js";
export {
  type Login,
  type Mock,
  type Role,
  startMock,
  type SubscribeOptions,
  type Subscription,
  type TriggerOptions,
} from "./mock.js";
export { type Captured, type Reaction, Receiver, type ReceiverOptions } from "./receiver.js";
export { type LogEntry, StartError } from "./server_process.js";
export { type Freshness, isAuthentic, type Signed } from "./signature.js";
export type { StartOptions } from "./start_options.js";
export type {
  ClockControl,
  DeliveriesControl,
  DeliveryFilters,
  Expected,
  FaultsControl,
  PresetsControl,
  RequestFilters,
  RequestsControl,
  StateControl,
  Waiting,
} from "./steering.js";

// openloyalty-mockserver: a mock of the Open Loyalty REST API for tests in JavaScript.
export * from "./control.js";
export { ExecutableNotFound, findExecutable } from "./executable.js";
export { Mock, type Role, type StartOptions, startMock, type SubscribeOptions, type Subscription, type TriggerOptions } from "./mock.js";
export { Captured, type Reaction, Receiver, type ReceiverOptions } from "./receiver.js";
export { type LogEntry, StartError } from "./server_process.js";
export { isAuthentic, type SignatureOptions } from "./signature.js";
export {
  type ClockControl,
  type DeliveryControl,
  type DeliveryFilters,
  ExpectationFailed,
  type FaultControl,
  type RequestControl,
  type RequestFilters,
  type StateControl,
} from "./steering.js";

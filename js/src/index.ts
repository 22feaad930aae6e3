// openloyalty-mockserver: a mock of the Open Loyalty REST API for tests in JavaScript.
export { ExpectationFailed } from "./complaints.js";
export {
  type CausedDeliveries,
  type Clock,
  type components,
  type Condition,
  type Config,
  type ControlClient,
  controlClient,
  ControlError,
  type DeclaredEvent,
  type Delivery,
  type EventReceiver,
  type EventReceiverList,
  type Exchange,
  type Fault,
  type FaultPost,
  type operations,
  type PathMatch,
  type paths,
  type Preset,
  type ReceiverPost,
  type RequestMatch,
  type Snapshot,
  type StateDescription,
  type TextMatch,
  type Verification,
  type VerificationResult,
} from "./control.js";
export { ExecutableNotFound } from "./executable.js";
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
export type { Secrets, StartOptions } from "./start_options.js";
export type {
  ClockControl,
  DeliveriesControl,
  DeliveryFilters,
  Expected,
  FaultsControl,
  PresetsControl,
  ReceiversControl,
  RequestFilters,
  RequestsControl,
  StateControl,
  Waiting,
} from "./steering.js";

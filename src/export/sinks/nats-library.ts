/** Loaded when the first export needs it. A module of its own, since names of CommonJS are bundled only where they are named. */
export { connect } from '@nats-io/transport-node';

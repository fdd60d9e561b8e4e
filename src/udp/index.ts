/** UDP sockets, by the system's own calls where they are to be had, else by Node's. */
export type { ConnectedCounts, ConnectedSender } from './connected-sender.ts';
export { createConnectedSender } from './create-connected-sender.ts';
export { loadNative } from './native.ts';
export type { ReceiverInfo, ReceiverOptions, TakeDatagram } from './receiver.ts';
export { DgramReceiver } from './receiver-dgram.ts';
export { RecvmmsgReceiver } from './receiver-recvmmsg.ts';

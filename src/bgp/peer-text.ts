/** Text that a peer chose, UTF-8: control characters, which would reach terminals and logs, become `?`. */
export function peerText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\p{Cc}/gu, '?');
}

/** What every room may use: errors, big-endian readers, address text. Imports nothing. */
export * from './address.ts';
export * from './bytes.ts';
export * from './errors.ts';
export * from './java-number.ts';

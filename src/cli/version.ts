/** Put in by the build. */
declare const WEIR_VERSION: string | undefined;

/** Version of this software; `0.0.0` when it runs from its sources. */
export const VERSION: string = typeof WEIR_VERSION === 'string' ? WEIR_VERSION : '0.0.0';

export declare function ensureInstalled(): Promise<void>;
export declare function ensureBuilt(): Promise<void>;
export declare class SetupError extends Error {}

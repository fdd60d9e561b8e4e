export declare function stampPath(root: string): string;
export declare function sourceFingerprint(root: string): string;
export declare function isBuilt(root: string): boolean;
export declare function isInstalled(root: string): boolean;

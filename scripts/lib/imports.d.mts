export declare function readImports(text: string): { specifier: string; type: boolean }[];
export declare function checkImports(files: ReadonlyMap<string, string>): string[];

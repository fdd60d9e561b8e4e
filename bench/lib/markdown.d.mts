export declare function number(value: number, digits: number): string;
export declare function milliseconds(value: number): string;
export declare function roundsText(count: number): string;
export declare function percent(share: number): string;
export declare function table(header: readonly string[], rows: readonly (readonly string[])[]): string;
export declare function writeBetweenMarkers(file: string, text: string): void;

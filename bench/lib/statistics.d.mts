export declare function quantile(values: readonly number[], share: number): number;
export declare function median(values: readonly number[]): number;

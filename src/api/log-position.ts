import { WeirError } from '../common/index.ts';

/**
 * Places in the logs of events and of flows, as text that clients keep and give back. IDs count from 0 in each run of
 * the program, so a place names the run as well.
 */
export interface LogPositions {
  /** The place behind the record of this ID; -1: before the first. */
  format(id: number): string;
  /**
   * ID behind which to go on: -1 for a place of an earlier run, whose records are gone. Throws WeirError
   * `HTTP_BAD_CURSOR` for text that is no place.
   */
  parse(text: string): number;
}

/** `startedAt`: when this run began, epoch ms. */
export function createLogPositions(startedAt: number): LogPositions {
  const run = startedAt.toString(36);
  return {
    format: (id) => `${run}.${id}`,
    parse(text) {
      const [, ofRun, id] = /^([0-9a-z]{1,12})\.(-1|\d{1,10})$/.exec(text) ?? [];
      if (id === undefined) throw new WeirError('HTTP_BAD_CURSOR', 'this is no place in the log');
      return ofRun === run ? Number(id) : -1;
    },
  };
}

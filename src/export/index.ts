/**
 * Events, flows and metrics for other systems: one mechanism (a source, a bounded queue, batches that are tried again) in
 * front of a sink for each kind of system.
 */

export { type ExportDefinition, parseExport } from './definition.ts';
export {
  createExports,
  EXPORT_KIND,
  type ExportReport,
  type ExportStatus,
  type ExportStore,
  type Exports,
  type ExportsDependencies,
} from './exports.ts';
export type { ExportMessage } from './message.ts';

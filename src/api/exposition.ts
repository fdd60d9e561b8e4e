import type { IncomingHttpHeaders } from 'node:http';
import { WeirError } from '../common/index.ts';
import type { PrometheusForm } from '../engine/index.ts';

export const CONTENT_TYPES: Readonly<Record<PrometheusForm, string>> = {
  raw: 'text/plain;charset=utf-8',
  plain: 'text/plain;charset=utf-8',
  typed: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const BY_PARAMETER: Readonly<Record<string, PrometheusForm>> = {
  text: 'plain',
  typed: 'typed',
  openmetrics: 'openmetrics',
};

/**
 * The form of Prometheus text that a request asks for: by its parameter `format`, else by its header Accept, else plain.
 * With `compat` it is always raw (rest-api 10). Throws WeirError `HTTP_BAD_PARAMETER` for a format there is not.
 */
export function expositionForm(
  compat: boolean,
  format: string | undefined,
  { accept }: IncomingHttpHeaders,
): PrometheusForm {
  if (compat) return 'raw';
  if (format !== undefined) {
    if (Object.hasOwn(BY_PARAMETER, format)) return BY_PARAMETER[format];
    throw new WeirError('HTTP_BAD_PARAMETER', 'format must be text, typed or openmetrics');
  }
  return accept === undefined ? 'plain' : acceptedForm(accept);
}

/** The form that the header prefers; the first of those it likes alike. */
function acceptedForm(accept: string): PrometheusForm {
  let best: PrometheusForm = 'plain';
  let bestWeight = 0;
  for (const item of accept.split(',')) {
    const [type, ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const form = formOf(type, parameters);
    if (form === undefined) continue;
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = given === undefined ? 1 : Number(given.slice(2));
    if (weight > bestWeight) [best, bestWeight] = [form, weight];
  }
  return best;
}

function formOf(type: string, parameters: readonly string[]): PrometheusForm | undefined {
  if (type === 'application/openmetrics-text') return 'openmetrics';
  if (type === 'text/plain') return parameters.includes('version=0.0.4') ? 'typed' : 'plain';
  return type === '*/*' || type === 'text/*' ? 'plain' : undefined;
}

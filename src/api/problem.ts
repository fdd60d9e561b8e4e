import { STATUS_CODES } from 'node:http';
import { Type } from '@sinclair/typebox';
import type { Answer } from './answer.ts';

/** The body of an error on paths of our own: RFC 9457. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`: the status says what kind of problem it is.' }),
    title: Type.String({ description: 'The status in words.' }),
    status: Type.Integer({ description: 'The status.' }),
    detail: Type.Optional(Type.String({ description: 'What was wrong.' })),
    code: Type.Optional(
      Type.String({ description: 'Stable name of the error, such as `HTTP_BAD_PARAMETER`.' }),
    ),
  },
  { $id: 'Problem' },
);

/** An error with a problem body; anything else, and an error that has a body, as it is. */
export function asProblem(answer: Answer): Answer {
  const { status, reason, code, contentType } = answer;
  if (status < 400 || contentType !== undefined) return answer;
  return {
    ...answer,
    contentType: 'application/problem+json',
    json: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      ...(reason !== undefined && { detail: reason }),
      ...(code !== undefined && { code }),
    },
  };
}

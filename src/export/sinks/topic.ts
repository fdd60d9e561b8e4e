import { type ExportMessage, messageName } from '../message.ts';

/** A subject or topic with `{type}`, `{name}` and `{agent}` replaced. Characters with a meaning there become `_`. */
export function fillTopic(template: string, message: ExportMessage): string {
  return template
    .replaceAll('{type}', message.type)
    .replaceAll('{name}', word(messageName(message)))
    .replaceAll('{agent}', word(message.agent ?? ''));
}

function word(text: string): string {
  return text === '' ? '_' : text.replaceAll(/[^A-Za-z0-9_-]/g, '_');
}

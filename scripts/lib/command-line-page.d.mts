export function renderCommandLinePage(): string;

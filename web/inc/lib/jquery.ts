/**
 * What is used of jQuery and of the widget factory of jQuery UI. Pages load both before the scripts of this folder, from
 * whatever copy they like.
 */
export interface JQuery {
  readonly [index: number]: HTMLElement;
  readonly length: number;
  addClass(name: string): JQuery;
  removeClass(name: string): JQuery;
  toggleClass(name: string, on: boolean): JQuery;
  each(visit: (this: HTMLElement, index: number, element: HTMLElement) => void): JQuery;
  on(events: string, handler: (event: Event, ...more: unknown[]) => void): JQuery;
  off(events: string, handler?: (event: Event, ...more: unknown[]) => void): JQuery;
  triggerHandler(event: string, parameters?: unknown[]): unknown;
}

export interface JQueryStatic {
  (what: Document | Element | (() => void)): JQuery;
  readonly fn: Record<string, (this: JQuery, ...args: never[]) => unknown>;
  readonly widget?: (name: string, prototype: object) => void;
  extend<A extends object, B>(target: A, more: B): A & B;
  /** Widgets of this folder, once they are made. */
  readonly inmon?: Readonly<Record<string, { readonly prototype: Record<string, unknown> }>>;
}

/** What the factory adds to `this` in the methods of a widget. */
export interface Widget<Options> {
  readonly element: JQuery;
  readonly options: Options;
  /** Triggers `WIDGETtype` on the element; handlers get the data as their second argument. */
  _trigger(type: string, event: Event | null, data: unknown): boolean;
}

declare const window: Window & { readonly jQuery?: JQueryStatic };

/** The page's jQuery. Throws, in words for the console, when the page loads none. */
export function pageJQuery(): JQueryStatic {
  const jQuery = window.jQuery;
  if (jQuery === undefined) throw new Error('jquery.min.js must be loaded before this script');
  return jQuery;
}

/**
 * Makes the widget `inmon.NAME`: at once, or when the page is ready for pages that load jQuery UI only later. The methods
 * may use `this` as a Widget.
 */
export function defineWidget<Options, Prototype extends object>(
  name: string,
  options: Options,
  prototype: Prototype & ThisType<Prototype & Widget<Options>>,
): void {
  const $ = pageJQuery();
  const define = (): void => {
    if ($.widget === undefined)
      throw new Error(`jquery.widget.js or jQuery UI must be loaded for ${name} to work`);
    $.widget(`inmon.${name}`, { options, ...prototype });
  };
  if ($.widget === undefined) $(define);
  else define();
}

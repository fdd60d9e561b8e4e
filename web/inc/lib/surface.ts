/** A canvas that is as sharp as the screen, and follows the size of its element. */
export interface Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  /**
   * Makes the canvas ready to be drawn on, empty, in CSS pixels. undefined when it has no size now: a hidden tab. It is
   * drawn anew when it has.
   */
  begin(): { readonly width: number; readonly height: number } | undefined;
  /** Device pixels for each CSS pixel, as at the last `begin`. */
  ratio(): number;
  destroy(): void;
}

/** @param redraw called when the size or the density of the screen has changed */
export function createSurface(host: HTMLElement, redraw: () => void): Surface {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  host.append(canvas);
  const context = canvas.getContext('2d')!;
  let ratio = 1;
  let drawn = '';

  const sizeKey = (): string => `${canvas.clientWidth} ${canvas.clientHeight} ${window.devicePixelRatio}`;
  const changed = (): void => {
    // Observers report once when they start: what is drawn already stays.
    if (sizeKey() !== drawn) redraw();
  };
  const observer = new ResizeObserver(changed);
  observer.observe(canvas);
  // A window that is moved to another screen, or zoomed.
  let density: MediaQueryList | undefined;
  const denser = (): void => {
    density?.removeEventListener('change', denser);
    density = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    density.addEventListener('change', denser);
    changed();
  };
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', redraw);
  let destroyed = false;
  queueMicrotask(() => destroyed || denser());

  return {
    canvas,
    context,
    begin() {
      // A page that empties the element takes the canvas out.
      if (canvas.parentNode === null) host.append(canvas);
      const { clientWidth: width, clientHeight: height } = canvas;
      drawn = sizeKey();
      if (width === 0 || height === 0) return undefined;
      ratio = window.devicePixelRatio || 1;
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w;
        canvas.height = h;
      }
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, w, h);
      context.setTransform(w / width, 0, 0, h / height, 0, 0);
      return { width, height };
    },
    ratio: () => ratio,
    destroy() {
      observer.disconnect();
      destroyed = true;
      density?.removeEventListener('change', denser);
      scheme.removeEventListener('change', redraw);
      canvas.remove();
    },
  };
}

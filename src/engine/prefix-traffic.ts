import { Decay, type DecayingTable } from '../flow/index.ts';

/** Traffic of the prefixes of one family: sums by the number of the route. */
export class PrefixSums {
  /** Sum from sources in the prefix, and to destinations in it, of each route. */
  ingress = new Float64Array(0);
  egress = new Float64Array(0);
  /** Serial number of the route that the sums are of. */
  serials = new Int32Array(0);

  add(route: number, serial: number, isEgress: boolean, amount: number): void {
    if (route >= this.serials.length) this.grow(route + 1);
    if (this.serials[route] !== serial) {
      this.serials[route] = serial;
      this.ingress[route] = 0;
      this.egress[route] = 0;
    }
    (isEgress ? this.egress : this.ingress)[route] += amount;
  }

  /** The sum for a route, 0 when none is known. */
  sum(route: number, serial: number, isEgress: boolean): number {
    return this.serials[route] === serial ? (isEgress ? this.egress : this.ingress)[route] : 0;
  }

  scale(factor: number): void {
    for (let i = 0; i < this.ingress.length; i++) {
      this.ingress[i] *= factor;
      this.egress[i] *= factor;
    }
  }

  clear(): void {
    this.ingress = new Float64Array(0);
    this.egress = new Float64Array(0);
    this.serials = new Int32Array(0);
  }

  private grow(least: number): void {
    const length = Math.max(least, this.serials.length * 2, 1024);
    const ingress = new Float64Array(length);
    const egress = new Float64Array(length);
    const serials = new Int32Array(length);
    ingress.set(this.ingress);
    egress.set(this.egress);
    serials.set(this.serials);
    this.ingress = ingress;
    this.egress = egress;
    this.serials = serials;
  }
}

/** Traffic per prefix of one router's table, with one time constant and value. Rates decay as those of flows do. */
export class PrefixTraffic implements DecayingTable {
  readonly four = new PrefixSums();
  readonly six = new PrefixSums();
  readonly decay: Decay;
  readonly countsFrames: boolean;

  constructor(seconds: number, countsFrames: boolean, now: number) {
    this.countsFrames = countsFrames;
    this.decay = new Decay(seconds, now);
    this.decay.attach(this);
    this.decay.advance(now);
  }

  rebase(factor: number): void {
    this.four.scale(factor);
    this.six.scale(factor);
  }

  /** The routes are others now. */
  clear(): void {
    this.four.clear();
    this.six.clear();
  }
}

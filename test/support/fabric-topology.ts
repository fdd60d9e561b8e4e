import { createPlan } from '../../src/load/fabric/plan.ts';

/** The made-up fabric as a topology document: leaves and spines, their ports, and a link from each leaf to each spine. */
export function fabricTopology(): Record<string, unknown> {
  const { leaves, spines } = createPlan();
  const nodes = Object.fromEntries(
    [...leaves, ...spines].map(({ name, address, ports }) => [
      name,
      {
        agent: address,
        ports: Object.fromEntries(ports.map((port) => [port.name, { ifindex: String(port.index) }])),
      },
    ]),
  );
  const links = Object.fromEntries(
    leaves.flatMap((leaf, rack) =>
      spines.map((spine, number) => [
        `${leaf.name}-${spine.name}`,
        { node1: leaf.name, port1: `swp${49 + number}`, node2: spine.name, port2: `swp${rack + 1}` },
      ]),
    ),
  );
  return { nodes, links };
}

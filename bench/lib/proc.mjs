/** What the kernel says about processes and sockets, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second of /proc/PID/stat: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

function statFields(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name may hold blanks and brackets; the fields after its last bracket may not.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** A process and all its descendants. */
export function processTree(pid) {
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(statFields(entry)?.[1]);
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(Number(entry));
  }
  const tree = [pid];
  for (let i = 0; i < tree.length; i++) tree.push(...(children.get(tree[i]) ?? []));
  return tree;
}

/** Processor time, user and system, of a process with all its threads and descendants, the ended ones too; seconds. */
export function cpuSeconds(pid) {
  let ticks = 0;
  for (const one of processTree(pid)) {
    const fields = statFields(one);
    // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), the first kept here being 3.
    for (let i = 11; i <= 14; i++) ticks += Number(fields?.[i] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory of a process and its descendants, bytes; pages that they share count once in each. */
export function residentBytes(pid) {
  let bytes = 0;
  for (const one of processTree(pid)) {
    try {
      const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${one}/status`, 'latin1'));
      bytes += Number(line?.[1] ?? 0) * 1024;
    } catch {
      // It has ended since.
    }
  }
  return bytes;
}

/** All UDP sockets bound to a port: how many bytes wait, and how many datagrams the kernel dropped. */
export function udpSockets(port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const found = { sockets: 0, waiting: 0, drops: 0 };
  for (const file of ['/proc/net/udp', '/proc/net/udp6']) {
    for (const line of readFileSync(file, 'latin1').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (!fields[1]?.endsWith(suffix)) continue;
      found.sockets++;
      found.waiting += Number.parseInt(fields[4].split(':')[1], 16);
      found.drops += Number(fields[fields.length - 1]);
    }
  }
  return found;
}

/** Time of all processors since boot, and the part of it that another machine took, in ticks. */
export function machineTime() {
  const fields = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))[1].split(' ').map(Number);
  const [user, nice, system, idle, iowait, irq, softirq, steal] = fields;
  return { total: user + nice + system + idle + iowait + irq + softirq + steal, steal };
}

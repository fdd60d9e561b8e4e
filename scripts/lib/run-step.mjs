import { spawn } from 'node:child_process';

/**
 * Runs a command with its output on ours, in a process group of its own so that all of it can be ended.
 * @param {{ cwd: string, env?: Record<string, string>, timeoutMs: number }} options
 * @returns {Promise<string | undefined>} what went wrong, undefined when it ended with 0
 */
export function runCommand(command, args, { cwd, env = {}, timeoutMs }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const end = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It ended by itself.
    }
  };
  const onInterrupt = () => {
    end('SIGTERM');
    process.exit(130);
  };
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  let tooLong = false;
  const timer = setTimeout(() => {
    tooLong = true;
    end('SIGKILL');
  }, timeoutMs);
  return new Promise((resolve) => {
    const finish = (fault) => {
      clearTimeout(timer);
      process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
      resolve(fault);
    };
    child.on('error', (error) => finish(error.message));
    child.on('close', (code, signal) => {
      // What a command leaves running would hold ports and namespaces of the next one.
      end('SIGKILL');
      if (tooLong) finish(`not done after ${timeoutMs / 1000} s`);
      else finish(code === 0 ? undefined : `ended with ${code ?? signal}`);
    });
  });
}

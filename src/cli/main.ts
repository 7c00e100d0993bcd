/** Entry of the command line. */
import { exits } from './Failure.ts';
import { run } from './run.ts';

// The reader of a pipe may have seen enough, as `head` has: nobody is left to tell, and nothing went wrong.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await run(process.argv.slice(2));
// What was interrupted may still wait for an answer that nobody needs any more.
if (process.exitCode === exits.interrupted) process.exit();

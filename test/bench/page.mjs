/** The page that a whole run writes. */
export function page(about, tables) {
  return `# Benchmarks

Written by \`npm run bench\`: art and DVC in one run, on the same machine and disk, each in repositories of its own. Nothing here is
typed by hand; \`npm run bench -- --help\` tells how to run parts of it.

${about}

${tables}

## How it is measured

- Each step is one process of the built program (\`art\` as users get it, \`dvc\` from PyPI with its S3 extra), timed from start to exit; \`sync\`
  runs before each, so that nobody pays for another's unwritten pages. Data has just been written, so the page cache is warm for both.
- Rows with more than one run show the median. DVC's settings are its defaults, art's too: directory remotes are not compressed, S3 remotes are.
- Weights are normally distributed (σ 0.02) 32-bit floats from a fixed seed; small files are 10,240 random bytes each in 100 folders.
- A pull is made in a new clone with an empty cache; a checkout in a new clone that is given a full cache and has no index.
- S3 is versitygw over a folder on the same disk, on the loopback address: there is no network between the two.
- Peak memory is the resident maximum that the process itself reads at its end, worker threads included.
- Nothing with many small files is deleted while it runs, and it should run (\`--dir\`) on a file system where nothing was for some minutes, such as a
  new one in a file: for up to five minutes ext4 looks through the inodes of deleted files each time it makes a new one. 5,000 files of
  10 KB took 0.3 s to write on a new ext4 and 4.7 s on one where a test run had just deleted its folders.
- "Bytes of changed chunks" comes from the chunker alone, without any store; "sent" is what the remote's folder grew by, tables and recipe included.
`
}

"""A system that gives no more threads: an error with a name, exit code 1, and no abort.

Root is above a limit of processes, so address space stands for it: each thread takes its stack of it.
"""

import resource
import subprocess
import unittest

from skep_process import DEADLINE, ECHO, PROGRAM, SkepTest, environment

GIBIBYTE = 1 << 30
STACK_BYTES = GIBIBYTE // 4


class ThreadsTest(SkepTest):
    def skep_within(self, address_bytes, *words):
        def limit():
            resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES, STACK_BYTES))
            resource.setrlimit(resource.RLIMIT_AS, (address_bytes, address_bytes))

        return subprocess.run([PROGRAM, *words], env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=DEADLINE, preexec_fn=limit, check=False)

    def run_within(self, address_bytes, text, *words):
        if self.skep_within(address_bytes, "version").returncode != 0:
            self.skipTest("a sanitizer needs all of the address space")
        return self.skep_within(address_bytes, "run", self.write("swarm.toml", text), *words)

    def test_dedicated_bees_that_get_no_thread_do_not_start(self):
        result = self.run_within(16 * GIBIBYTE, ECHO + 'execution = "dedicated"\nreplicas = 200\n')
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stderr, "bee 'last'.* did not start: .*no thread for a dedicated bee: Resource temporarily")

    def test_a_node_that_gets_no_threads_does_not_start(self):
        result = self.run_within(4 * GIBIBYTE, ECHO, "--threads", "64")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("skep: no 73 threads for a node: Resource temporarily", result.stderr)


if __name__ == "__main__":
    unittest.main()

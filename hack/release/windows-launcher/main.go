// kubectl-amx.exe: krew links plugins on Windows as programs, which a JavaScript file is not. It runs kubectl-amx.mjs beside
// itself with the Node.js of the PATH, and ends as that ends.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	os.Exit(run())
}

func run() int {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return fail(err.Error(), "install the plugin again")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return fail("Node.js is not on the PATH", "install Node.js 20 or newer (https://nodejs.org)")
	}
	program := exec.Command(node, append([]string{filepath.Join(filepath.Dir(self), "kubectl-amx.mjs")}, os.Args[1:]...)...)
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	// Ctrl-C reaches both; the plugin decides what it means.
	signal.Ignore(os.Interrupt)
	err = program.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode()
	}
	if err != nil {
		return fail(err.Error(), "install Node.js 20 or newer (https://nodejs.org)")
	}
	return 0
}

func fail(problem, remedy string) int {
	fmt.Fprintf(os.Stderr, "error: %s\n%s\n", problem, remedy)
	return 1
}

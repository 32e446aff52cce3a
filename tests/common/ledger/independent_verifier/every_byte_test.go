// Compiled together with the independent verifier's sources: audits the export in LEDGER_DIR once for every byte
// of its checkpoint and tiles, with that byte changed, in memory. Each must be rejected.
package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// The checkpoint and tiles of an export, and an audit with every key that the export names.
func loadExport(t *testing.T, dir string) (fstest.MapFS, *Options) {
	t.Helper()
	files := fstest.MapFS{"checkpoint": {Data: read(t, filepath.Join(dir, "checkpoint"))}}
	err := filepath.WalkDir(filepath.Join(dir, "tile"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = &fstest.MapFile{Data: read(t, path)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	options := &Options{Trust: newTrust(), Prove: -1, DSSE: true, EntryMin: 1, Canonical: true, Unique: true,
		MaxEntry: 16384}
	for _, key := range keyArg("@" + filepath.Join(dir, "keys/log.vkey")) {
		if _, err := options.Trust.addLog(key); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range keyArg("@" + filepath.Join(dir, "keys/witnesses.vkeys")) {
		if _, err := options.Trust.addWitness(key); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range keyArg("@" + filepath.Join(dir, "keys/entries.vkeys")) {
		key, err := parseVkey(text)
		if err != nil {
			t.Fatal(err)
		}
		options.EntryKeys = append(options.EntryKeys, key)
	}
	return files, options
}

type place struct {
	file string
	byte int
}

// Audits with one place after the other changed; names those that pass.
func audits(t *testing.T, files fstest.MapFS, options *Options, places <-chan place) {
	mine := fstest.MapFS{}
	for name, file := range files {
		mine[name] = file
	}
	for at := range places {
		whole := files[at.file]
		changed := append([]byte{}, whole.Data...)
		changed[at.byte] ^= 1 << (at.byte % 8)
		mine[at.file] = &fstest.MapFile{Data: changed}
		if audit(mine, options).OK {
			t.Errorf("%s byte %d changed: accepted", at.file, at.byte)
		}
		mine[at.file] = whole
	}
}

func TestEveryChangedByteIsRejected(t *testing.T) {
	files, options := loadExport(t, os.Getenv("LEDGER_DIR"))
	if report := audit(files, options); !report.OK {
		t.Fatalf("the untouched export is rejected: %+v", report)
	}
	places := make(chan place)
	var workers sync.WaitGroup
	for i := 0; i < runtime.NumCPU(); i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			audits(t, files, options, places)
		}()
	}
	count := 0
	for name, file := range files {
		if name != "checkpoint" && !strings.HasPrefix(name, "tile/") {
			continue
		}
		for i := range file.Data {
			places <- place{name, i}
			count++
		}
	}
	close(places)
	workers.Wait()
	t.Logf("rejected: %d changed bytes", count)
}

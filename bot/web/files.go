package web

import (
	"sync"
	"time"

	"candide/bot"
)

const (
	// fileTTL is how long a file can be fetched. Files are not kept with the conversation: an export of somebody's
	// data would otherwise hold all their earlier exports.
	fileTTL      = 30 * time.Minute
	maxFileBytes = 32 << 20 // of all files together
)

// files are what the bot attached lately, for their one reader.
type files struct {
	mu    sync.Mutex
	bytes int
	kept  map[string]keptFile
}

type keptFile struct {
	bot.File
	visitor string
	expires time.Time
}

func newFiles() *files { return &files{kept: map[string]keptFile{}} }

// put keeps a file for a visitor and returns its id; empty when there is no room.
func (f *files) put(visitor string, file bot.File, now time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, old := range f.kept {
		if !now.Before(old.expires) {
			f.drop(id)
		}
	}
	if f.bytes+len(file.Data) > maxFileBytes {
		return ""
	}
	id := randomToken()
	f.kept[id] = keptFile{File: file, visitor: visitor, expires: now.Add(fileTTL)}
	f.bytes += len(file.Data)
	return id
}

// get returns a file of this visitor's.
func (f *files) get(visitor, id string, now time.Time) (bot.File, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, ok := f.kept[id]
	if !ok || file.visitor != visitor || !now.Before(file.expires) {
		return bot.File{}, false
	}
	return file.File, true
}

// forget drops a visitor's files.
func (f *files) forget(visitor string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, file := range f.kept {
		if file.visitor == visitor {
			f.drop(id)
		}
	}
}

func (f *files) drop(id string) {
	f.bytes -= len(f.kept[id].Data)
	delete(f.kept, id)
}

package bot

import (
	"errors"
	"sync"
)

// ErrBusy is returned when more work waits than the bot takes.
var ErrBusy = errors.New("too much is waiting already")

// lanes runs work in order for one key and at once for different keys, with a bound on how much waits in all.
type lanes struct {
	max   int
	slots chan struct{} // how many run at once

	mu      sync.Mutex
	waiting int
	queues  map[string][]func()
	closed  bool
	wg      sync.WaitGroup
}

func newLanes(running, max int) *lanes {
	return &lanes{max: max, slots: make(chan struct{}, running), queues: map[string][]func(){}}
}

// reserve keeps a place for work to come, which do then takes, or release gives back. It returns ErrBusy past the
// bound or after close.
func (l *lanes) reserve() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.waiting >= l.max {
		return ErrBusy
	}
	l.waiting++
	l.wg.Add(1)
	return nil
}

// release gives a reserved place back, once its work is done or will not come.
func (l *lanes) release() {
	l.mu.Lock()
	l.waiting--
	l.mu.Unlock()
	l.wg.Done()
}

// do queues f, for which a place is reserved, behind what waits for key.
func (l *lanes) do(key string, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue, running := l.queues[key]
	l.queues[key] = append(queue, f)
	if !running {
		l.wg.Add(1)
		go l.drain(key)
	}
}

func (l *lanes) drain(key string) {
	defer l.wg.Done()
	for {
		l.mu.Lock()
		queue := l.queues[key]
		if len(queue) == 0 {
			delete(l.queues, key)
			l.mu.Unlock()
			return
		}
		f := queue[0]
		l.queues[key] = queue[1:]
		l.mu.Unlock()

		l.slots <- struct{}{}
		f()
		<-l.slots
		l.release()
	}
}

// close refuses new work and waits for what was taken.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.wg.Wait()
}

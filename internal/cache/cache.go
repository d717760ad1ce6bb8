// Package cache keeps what a server said for a while, so that it is not asked again at each message.
package cache

import (
	"sync"
	"time"
)

// Cache is bounded: when full, it begins anew. It may be used by several at once.
type Cache[T any] struct {
	max int
	ttl time.Duration
	now func() time.Time

	mu    sync.Mutex
	items map[string]item[T]
}

type item[T any] struct {
	value T
	until time.Time
}

// New returns an empty cache of at most max values, each known for ttl by the clock now.
func New[T any](max int, ttl time.Duration, now func() time.Time) *Cache[T] {
	return &Cache[T]{max: max, ttl: ttl, now: now, items: map[string]item[T]{}}
}

// Get returns what is known under key.
func (c *Cache[T]) Get(key string) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.items[key]
	if !ok || c.now().After(found.until) {
		var none T
		return none, false
	}
	return found.value, true
}

// Put notes a value, from now on.
func (c *Cache[T]) Put(key string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.items) >= c.max {
		clear(c.items)
	}
	c.items[key] = item[T]{value, c.now().Add(c.ttl)}
}

// Drop forgets what is known under key.
func (c *Cache[T]) Drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
}

// Values are all that is still known, in no order.
func (c *Cache[T]) Values() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]T, 0, len(c.items))
	for _, found := range c.items {
		if c.now().Before(found.until) {
			list = append(list, found.value)
		}
	}
	return list
}

package text

import "encoding/binary"

// FNV-1a, of 32 bits, and a last stirring so that the low bits alone are as good as all.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

// Words are told apart by 64 bits: two have the same once in 10^19.
const (
	keyOffset = 14695981039346656037
	keyPrime  = 0x9e3779b97f4a7c15
)

// keyOf is a word's key. It is read eight bytes at a time.
func keyOf(word []byte) uint64 {
	h := uint64(keyOffset)
	for len(word) > 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(word))
		word = word[8:]
	}
	var last uint64
	if cap(word) >= 8 {
		last = binary.LittleEndian.Uint64(word[:8]) & (1<<(8*len(word)) - 1)
	} else {
		for i, c := range word {
			last |= uint64(c) << (8 * i)
		}
	}
	return mix(h ^ last)
}

func mix(h uint64) uint64 {
	h *= keyPrime
	return h ^ h>>29
}

func seed(kind Kind) uint32 { return (fnvOffset ^ (uint32(kind) + 1)) * fnvPrime }

func stir(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

func hash(kind Kind, s string) uint32 {
	h := seed(kind)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * fnvPrime
	}
	return stir(h)
}

// join is the hash of two hashes in order.
func join(kind Kind, a, b uint32) uint32 {
	return stir((seed(kind)^a)*fnvPrime ^ b*0x9e3779b1)
}

// groups calls found with the hash of each run of from to to bytes.
func groups(kind Kind, letters []byte, from, to int, found func(hash uint32)) {
	for i := range letters {
		h := seed(kind)
		for n, c := range letters[i:min(i+to, len(letters))] {
			h = (h ^ uint32(c)) * fnvPrime
			if n+1 >= from {
				found(stir(h))
			}
		}
	}
}

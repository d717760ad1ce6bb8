package topics

// part is what a word says by itself, wherever it stands, or two words by standing beside each other.
type part struct {
	of     *Model
	square float32 // of its length
	lanes  lanes
}

// lanes are a word's sums by topic, its weights times its values, four in each word of the processor, so that they are
// added up together: steps of laneStep, from laneZero on, so that none is under nothing and four of them still fit.
type lanes [mostTopics / 4]uint64

const (
	// mostTopics is how many topics a model may tell apart: a word keeps a number for each.
	mostTopics = 80

	laneBits = stepBits + 1
	laneStep = 1 << laneBits
	laneZero = 1 << 13
	lowLanes = 0x0000_ffff_0000_ffff
)

// pack returns the lanes of sums.
func pack(sums *sums) (l lanes) {
	for k, v := range sums[:mostTopics] {
		n := max(1-laneZero, min(laneZero-1, (v+laneStep/2)>>laneBits))
		l[k/4] |= uint64(n+laneZero) << (k % 4 * 16)
	}
	return l
}

// nothing is a part that says nothing.
var nothing part

// addParts sets the sums to what the parts say together, and returns the square of their length.
func (s *scratch) addParts() (square float32) {
	clear(s.low[:])
	clear(s.high[:])
	zero := int32(len(s.parts) * laneZero)
	for len(s.parts)%4 != 0 {
		s.parts = append(s.parts, &nothing)
	}
	for parts := s.parts; len(parts) >= 4; parts = parts[4:] {
		a, b, c, d := parts[0], parts[1], parts[2], parts[3]
		square += a.square + b.square + c.square + d.square
		for i := range s.low {
			sum := a.lanes[i] + b.lanes[i] + c.lanes[i] + d.lanes[i]
			s.low[i] += sum & lowLanes
			s.high[i] += sum >> 16 & lowLanes
		}
	}
	for i, low := range s.low {
		high, four := s.high[i], s.sums[4*i:4*i+4]
		four[0], four[1] = (int32(low)-zero)*laneStep, (int32(high)-zero)*laneStep
		four[2], four[3] = (int32(low>>32)-zero)*laneStep, (int32(high>>32)-zero)*laneStep
	}
	return square
}

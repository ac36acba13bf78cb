package filter

// CountsDays says whether the filter's answer may change with the day alone, though nothing happened to the subject.
func (c *Compiled) CountsDays() bool {
	for i := range c.nodes {
		if c.nodes[i].counts || c.nodes[i].do == doAnniversary {
			return true
		}
	}
	return false
}

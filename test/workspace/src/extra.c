long extra_round(long cents) { return (cents + 50) / 100 * 100; }

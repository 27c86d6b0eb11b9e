package io.matriarch.ambassador.core;

/** Which of the two doors a client came through. */
public enum Port {
    /** Leads to the primary. */
    READ_WRITE,
    /** Leads to a standby. */
    READ_ONLY
}

package io.matriarch.outside;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;

/** A program that has ended, and what it said. */
public record Ended(
        List<String> command, int status, String output, String errors, Duration duration) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    public Ended {
        command = List.copyOf(command);
    }

    /** This, if the program succeeded. */
    public Ended orFail() {
        if (status != 0) {
            throw new OutsideException(this + "\n" + output.strip() + "\n" + errors.strip());
        }
        return this;
    }

    /** What it printed, read as one JSON document. */
    public JsonNode json() {
        try {
            return MAPPER.readTree(output);
        } catch (JsonProcessingException e) {
            throw new OutsideException(this + ": no JSON: " + output, e);
        }
    }

    @Override
    public String toString() {
        return String.join(" ", command) + " ended with " + status;
    }
}

package io.matriarch.elector.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.matriarch.elector.situation.Endpoint;
import io.matriarch.elector.situation.Epoch;
import io.matriarch.elector.situation.MemberName;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;

/**
 * Records as JSON, in ZooKeeper and in what the commands print. Values are written as people write
 * them: a position as {@code 0/3000148}, an endpoint as {@code host:port}. Unknown fields are
 * ignored, so that members of two versions understand each other.
 */
public final class ClusterJson {

    private static final ObjectMapper MAPPER = mapper();

    private ClusterJson() {}

    public static byte[] bytes(Object value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }

    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not writable as JSON: " + value, e);
        }
    }

    /** The same, on several lines for people. */
    public static String prettyText(Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not writable as JSON: " + value, e);
        }
    }

    /** Reads a value; empty if the bytes are not one. */
    public static <T> Optional<T> read(byte[] bytes, Class<T> type) {
        return read(new String(bytes, StandardCharsets.UTF_8), type);
    }

    /** Reads a value; empty if the text is not one. */
    public static <T> Optional<T> read(String text, Class<T> type) {
        try {
            return Optional.ofNullable(MAPPER.readValue(text, type));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** Why bytes are not a value, in words; empty if they are one. */
    static Optional<String> whyUnreadable(byte[] bytes, Class<?> type) {
        try {
            String text = new String(bytes, StandardCharsets.UTF_8);
            return MAPPER.readValue(text, type) == null
                    ? Optional.of("it says nothing")
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.of(String.valueOf(e.getOriginalMessage()));
        }
    }

    private static ObjectMapper mapper() {
        SimpleModule values = new SimpleModule("values");
        asText(values, Lsn.class, Lsn::parse);
        asText(values, Epoch.class, Epoch::parse);
        asText(values, MemberName.class, MemberName::parse);
        asText(values, Endpoint.class, Endpoint::parse);
        asText(values, SystemIdentifier.class, SystemIdentifier::parse);
        asText(values, TimelineId.class, TimelineId::parse);
        return JsonMapper.builder()
                .addModule(new JavaTimeModule())
                .addModule(values)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(
                                JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .build();
    }

    private static <T> void asText(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, ToStringSerializer.instance);
        module.addDeserializer(type, new FromText<>(type, parse));
    }

    private static final class FromText<T> extends FromStringDeserializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<String, T> parse;

        private FromText(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        protected T _deserialize(String text, DeserializationContext context) {
            return parse.apply(text);
        }
    }
}

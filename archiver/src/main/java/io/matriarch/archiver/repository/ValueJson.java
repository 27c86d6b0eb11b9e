package io.matriarch.archiver.repository;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.matriarch.postgres.Lsn;
import io.matriarch.postgres.SystemIdentifier;
import io.matriarch.postgres.TimelineId;
import io.matriarch.postgres.WalSegmentSize;
import java.io.IOException;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/** How PostgreSQL's values and ours appear in JSON. */
final class ValueJson {

    private ValueJson() {}

    static SimpleModule module() {
        SimpleModule module = new SimpleModule("matriarch");
        text(module, Lsn.class, Lsn::parse);
        text(module, SystemIdentifier.class, SystemIdentifier::parse);
        text(module, BackupId.class, BackupId::parse);
        text(module, ClusterName.class, ClusterName::new);
        number(module, TimelineId.class, TimelineId::value, TimelineId::new);
        number(module, WalSegmentSize.class, WalSegmentSize::bytes, WalSegmentSize::new);
        return module;
    }

    private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, new TextWriter<>(type));
        module.addDeserializer(type, new Reader<>(type, json -> parse.apply(json.getText())));
    }

    private static <T> void number(
            SimpleModule module, Class<T> type, ToLongFunction<T> number, LongFunction<T> of) {
        module.addSerializer(type, new NumberWriter<>(type, number));
        module.addDeserializer(type, new Reader<>(type, json -> of.apply(json.getLongValue())));
    }

    private static final class TextWriter<T> extends StdSerializer<T> {

        TextWriter(Class<T> type) {
            super(type);
        }

        @Override
        public void serialize(T value, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            json.writeString(value.toString());
        }
    }

    private static final class NumberWriter<T> extends StdSerializer<T> {

        private final transient ToLongFunction<T> number;

        NumberWriter(Class<T> type, ToLongFunction<T> number) {
            super(type);
            this.number = number;
        }

        @Override
        public void serialize(T value, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            json.writeNumber(number.applyAsLong(value));
        }
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read(JsonParser json) throws IOException;
    }

    private static final class Reader<T> extends StdDeserializer<T> {

        private final transient Reading<T> reading;

        Reader(Class<T> type, Reading<T> reading) {
            super(type);
            this.reading = reading;
        }

        @Override
        public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
            try {
                return reading.read(json);
            } catch (IllegalArgumentException e) {
                throw context.instantiationException(handledType(), e);
            }
        }
    }
}

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;

/** How values look in requests and answers: bytes as Base64, times as ISO 8601 in UTC, what is unknown as null. */
final class Json {
    private Json() {}

    static Gson gson() {
        JsonDeserializer<byte[]> bytes = (json, type, context) -> Base64.getDecoder().decode(json.getAsString());
        JsonSerializer<Date> time = (date, type, context) -> new JsonPrimitive(Instant.ofEpochMilli(date.getTime()).toString());
        return new GsonBuilder()
                .registerTypeAdapter(byte[].class, bytes)
                .registerTypeAdapter(Date.class, time)
                .disableHtmlEscaping()
                .serializeNulls()
                .create();
    }
}

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The JDK's side of the bench. Each line of its standard input is an order, a file of records or
 * texts, how many it holds, and for how many milliseconds to do it again and again, once at least; the
 * answer is the nanoseconds that it took on average.
 */
public class JavaPeer {
  record Trade(int id, long at, double price, String symbol) {}

  static final int ROOM = 65536;
  static final Map<String, byte[]> FILES = new HashMap<>();
  static final Map<String, Object[]> VALUES = new HashMap<>();
  static Object seen;

  public static void main(String[] args) throws IOException {
    System.out.println(Runtime.version());
    BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
    for (String line = orders.readLine(); line != null; line = orders.readLine()) {
      String[] words = line.split(" ");
      long least = Long.parseLong(words[3]) * 1_000_000;
      System.out.println(carryOut(words[0], words[1], Integer.parseInt(words[2]), least));
    }
  }

  static long carryOut(String order, String file, int count, long least) throws IOException {
    if (!FILES.containsKey(file)) FILES.put(file, Files.readAllBytes(Path.of(file)));
    byte[] bytes = FILES.get(file);
    if (order.startsWith("write") && !VALUES.containsKey(file)) {
      VALUES.put(file, order.endsWith("Texts") ? readTexts(bytes, count) : readRecords(bytes, count));
    }
    long began = System.nanoTime();
    long times = 0;
    long took = 0;
    while (times == 0 || took < least) {
      seen = once(order, file, bytes, count);
      times += 1;
      took = System.nanoTime() - began;
    }
    if (order.startsWith("write") && !Arrays.equals((byte[]) seen, bytes)) {
      throw new IOException("other bytes");
    }
    return took / times;
  }

  static Object once(String order, String file, byte[] bytes, int count) throws IOException {
    return switch (order) {
      case "readValues" -> readValues(bytes, count);
      case "readRecords" -> readRecords(bytes, count);
      case "readTexts" -> readTexts(bytes, count);
      case "writeRecords", "writeTexts" -> {
        Memory memory = new Memory(bytes.length);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(memory, ROOM))) {
          if (order.equals("writeTexts")) writeTexts((String[]) VALUES.get(file), out);
          else writeRecords((Trade[]) VALUES.get(file), out);
        }
        yield memory.bytes();
      }
      default -> throw new IOException("no such order: " + order);
    };
  }

  /** Gives its bytes without a copy. */
  static class Memory extends ByteArrayOutputStream {
    Memory(int size) {
      super(size);
    }

    byte[] bytes() throws IOException {
      if (count != buf.length) throw new IOException("other bytes");
      return buf;
    }
  }

  static void writeRecords(Trade[] trades, DataOutputStream out) throws IOException {
    for (Trade trade : trades) {
      out.writeInt(trade.id);
      out.writeLong(trade.at);
      out.writeDouble(trade.price);
      out.writeUTF(trade.symbol);
    }
  }

  static void writeTexts(String[] texts, DataOutputStream out) throws IOException {
    for (String text : texts) out.writeUTF(text);
  }

  /** Reads every value and keeps none. */
  static double readValues(byte[] bytes, int count) throws IOException {
    DataInputStream in = open(bytes);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += in.readInt() + in.readLong() + in.readDouble() + in.readUTF().length();
    }
    return sum;
  }

  static Trade[] readRecords(byte[] bytes, int count) throws IOException {
    DataInputStream in = open(bytes);
    Trade[] trades = new Trade[count];
    for (int i = 0; i < count; i++) {
      trades[i] = new Trade(in.readInt(), in.readLong(), in.readDouble(), in.readUTF());
    }
    return trades;
  }

  static String[] readTexts(byte[] bytes, int count) throws IOException {
    DataInputStream in = open(bytes);
    String[] texts = new String[count];
    for (int i = 0; i < count; i++) texts[i] = in.readUTF();
    return texts;
  }

  static DataInputStream open(byte[] bytes) {
    return new DataInputStream(new BufferedInputStream(new ByteArrayInputStream(bytes), ROOM));
  }
}

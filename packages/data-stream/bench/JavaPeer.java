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

/**
 * The JDK's side of the bench: reads a file of records once, then repeats what it is told on its
 * standard input, a word a line, and answers each with the nanoseconds it took.
 */
public class JavaPeer {
  record Trade(int id, long at, double price, String symbol) {}

  static final int ROOM = 65536;
  static Object seen;

  public static void main(String[] args) throws IOException {
    byte[] bytes = Files.readAllBytes(Path.of(args[0]));
    int count = Integer.parseInt(args[1]);
    Trade[] trades = new Trade[count];
    readRecords(bytes, trades);
    System.out.println(Runtime.version());
    BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      long began = System.nanoTime();
      switch (order) {
        case "write" -> {
          ByteArrayOutputStream memory = new ByteArrayOutputStream(bytes.length);
          write(trades, memory);
          long took = System.nanoTime() - began;
          if (!Arrays.equals(memory.toByteArray(), bytes)) throw new IOException("other bytes");
          System.out.println(took);
        }
        case "readValues" -> {
          seen = readValues(bytes, count);
          System.out.println(System.nanoTime() - began);
        }
        case "readRecords" -> {
          Trade[] read = new Trade[count];
          readRecords(bytes, read);
          seen = read;
          System.out.println(System.nanoTime() - began);
        }
        default -> throw new IOException("no such order: " + order);
      }
    }
  }

  static void write(Trade[] trades, ByteArrayOutputStream memory) throws IOException {
    try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(memory, ROOM))) {
      for (Trade trade : trades) {
        out.writeInt(trade.id);
        out.writeLong(trade.at);
        out.writeDouble(trade.price);
        out.writeUTF(trade.symbol);
      }
    }
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

  static void readRecords(byte[] bytes, Trade[] into) throws IOException {
    DataInputStream in = open(bytes);
    for (int i = 0; i < into.length; i++) {
      into[i] = new Trade(in.readInt(), in.readLong(), in.readDouble(), in.readUTF());
    }
  }

  static DataInputStream open(byte[] bytes) {
    return new DataInputStream(new BufferedInputStream(new ByteArrayInputStream(bytes), ROOM));
  }
}

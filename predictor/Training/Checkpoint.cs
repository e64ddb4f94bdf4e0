using System.Runtime.InteropServices;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Predictor.Training;

/// <summary>
/// The file from which an interrupted training goes on: a mark, what the training must be (<see cref="Key"/>), then its state. It is
/// written beside and moved into place, so that what is there is always whole.
/// </summary>
internal static class Checkpoint
{
    private const uint Mark = 0x31504B43;

    /// <summary>A training of another key is another training: weights, seed, snapshots per update, updates, number of samples.</summary>
    public readonly record struct Key(int Weights, int Seed, int Batch, int Steps, int Samples);

    public static void Save(string path, Key key, Action<BinaryWriter> state)
    {
        string beside = path + ".new";
        using (BinaryWriter to = new(File.Create(beside)))
        {
            to.Write(Mark);
            foreach (int part in Parts(key)) to.Write(part);
            state(to);
            to.Write(Mark);
        }
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Reads a state; false where there is no file.</summary>
    /// <exception cref="UserException">The file is none, or of another training.</exception>
    public static bool TryLoad(string path, Key key, Action<BinaryReader> state)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using BinaryReader from = new(File.OpenRead(path));
            if (from.ReadUInt32() != Mark) throw new UserException($"checkpoint {path} is none; name another file");
            foreach (int part in Parts(key))
                if (from.ReadInt32() != part) throw new UserException($"checkpoint {path} is of another training (weights, seed, updates or samples differ); remove it or name another file");
            state(from);
            if (from.ReadUInt32() != Mark) throw new EndOfStreamException();
        }
        catch (EndOfStreamException e)
        {
            throw new UserException($"checkpoint {path} is cut short; remove it", e);
        }
        return true;
    }

    public static void Write(BinaryWriter to, float[] values) => to.Write(MemoryMarshal.AsBytes<float>(values));

    public static void Read(BinaryReader from, float[] values) => from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));

    private static int[] Parts(Key key) => [key.Weights, key.Seed, key.Batch, key.Steps, key.Samples];
}

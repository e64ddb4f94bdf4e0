using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Models;

/// <summary>A model and its card, as files beside each other: NAME.onnx and NAME.json.</summary>
public sealed record ModelFile(byte[] Model, ModelCard Card)
{
    /// <summary>The model that is shipped, beside the executable.</summary>
    public static string DefaultPath => Path.Combine(AppContext.BaseDirectory, "models", "gnn.onnx");

    public static string CardPath(string modelPath) => Path.ChangeExtension(modelPath, ".json");

    public static string Checksum(byte[] model) => Convert.ToHexStringLower(SHA256.HashData(model));

    /// <summary>Reads and checks a model: card, checksum, structure, shapes.</summary>
    /// <exception cref="UserException">The model is missing, broken, or does not fit its card; the message says which.</exception>
    public static ModelFile Load(string path)
    {
        byte[] card = Read(CardPath(path), ModelCheck.ModelBytesMax), model = Read(path, ModelCheck.ModelBytesMax);
        return TryParse(model, card, out ModelFile? file) is { } reason ? throw Refused(path, reason) : file!;
    }

    /// <summary>Loads a model and makes it ready to score, after its self-test.</summary>
    /// <exception cref="UserException">As <see cref="Load"/>, or ONNX Runtime refuses it, or it fails its self-test.</exception>
    public static (Scorer Scorer, ModelCard Card) Open(string path, int threads)
    {
        ModelFile file = Load(path);
        return TryOpen(file, threads, out Scorer? scorer) is { } reason ? throw Refused(path, reason) : (scorer!, file.Card);
    }

    /// <summary>Loads a model that passes all that those who serve it will check; nothing is kept open.</summary>
    /// <exception cref="UserException">As <see cref="Open"/>.</exception>
    public static ModelFile LoadServable(string path)
    {
        ModelFile file = Load(path);
        if (TryOpen(file, threads: 1, out Scorer? scorer) is { } reason) throw Refused(path, reason);
        scorer!.Dispose();
        return file;
    }

    /// <summary>Checks a model as it came, from wherever; says what is wrong with it, or null.</summary>
    /// <param name="card">UTF-8 JSON.</param>
    public static string? TryParse(byte[] model, byte[] card, out ModelFile? file)
    {
        file = null;
        ModelCard? parsed;
        try
        {
            parsed = JsonSerializer.Deserialize<ModelCard>(card, ModelJson.Options);
        }
        catch (JsonException e)
        {
            return $"its card cannot be read: {e.Message}";
        }
        if (parsed is null) return "its card is null";
        if (Checksum(model) != parsed.Sha256) return "its checksum is not the one in its card; both must come from the same training run";
        if ((CheckSignature(parsed.Signature) ?? ModelCheck.Check(model, parsed.Signature)) is { } reason) return reason;
        file = new ModelFile(model, parsed);
        return null;
    }

    /// <summary>Makes a checked model ready to score, after its self-test; says why it is refused, or null.</summary>
    public static string? TryOpen(ModelFile file, int threads, out Scorer? scorer)
    {
        scorer = null;
        Scorer? opened = null;
        string? reason;
        try
        {
            opened = new Scorer(file.Model, file.Card.Signature, threads);
            reason = file.Card.SelfTest.Check(opened);
        }
        catch (OnnxRuntimeException e)
        {
            reason = e.Message;
        }
        if (reason is null) scorer = opened;
        else opened?.Dispose();
        return reason;
    }

    /// <summary>Writes both files.</summary>
    public void Save(string path)
    {
        File.WriteAllBytes(path, Model);
        File.WriteAllText(CardPath(path), JsonSerializer.Serialize(Card, ModelJson.Options) + "\n");
    }

    private static byte[] Read(string file, int bytesMax)
    {
        try
        {
            long length = new FileInfo(file).Length;
            if (length > bytesMax) throw Refused(file, $"it has {length} bytes; at most {bytesMax} are allowed");
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"model file {file} cannot be read: {e.Message} Give --model FILE; its card stands beside it as .json", e);
        }
    }

    private static string? CheckSignature(InputSignature s) =>
        s.StepMs == 0 || s.WindowSteps is < 1 or > 10_000 || s.Neighbours is < 1 or > 1_000 ? "the card's signature is out of bounds"
        : s.Signals is not [SignalEncoding.Cpu, ..] ? $"its first signal is not '{SignalEncoding.Cpu}'"
        : s.Features.Count is 0 or > 10_000 || s.Signals.Count > 1_000 ? "the card's signature is out of bounds"
        : !Rises(s.HorizonSteps.Select(h => (double)h)) || s.HorizonSteps[0] < 1 ? "its horizons do not rise"
        : !Rises(s.Levels.Select(l => (double)l)) || s.Levels[0] <= 0 || s.Levels[^1] >= 1 ? "its levels do not rise within 0 and 1"
        : !Rises(s.BusyThresholds.Select(b => (double)b)) || s.BusyThresholds[0] <= 0 || s.BusyThresholds[^1] > 1 ? "its busy thresholds do not rise within 0 and 1"
        : null;

    private static bool Rises(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return all.Length > 0 && all.Zip(all.Skip(1)).All(p => p.First < p.Second);
    }

    private static UserException Refused(string path, string reason) => new($"model {path} is refused: {reason}");
}

// @ts-check
// The WebGL2 renderer: the same levels, the same table of greys, the same rules as paint_cpu.js. Used on real graphics
// hardware; software WebGL is slower than the canvas and is refused. A test holds the two within one grey level.
import { levelOf, pick } from './pyramid.js';

const VERTEX = `#version 300 es
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0, 1); }`;

const FRAGMENT = `#version 300 es
precision highp float; precision highp int; precision highp usampler2D;
uniform usampler2D film, greys;
uniform vec2 canvas, size, side, offset;
uniform vec4 inverse;
uniform float halvings;
uniform bool smoothly;
out vec4 colour;
float at(ivec2 p) { return float(texelFetch(film, min(p, ivec2(side) - 1), 0).r); }
void main() {
  vec2 c = vec2(gl_FragCoord.x, canvas.y - gl_FragCoord.y) - offset;
  vec2 p = vec2(inverse.x * c.x + inverse.y * c.y, inverse.z * c.x + inverse.w * c.y);
  if (any(lessThan(p, vec2(-0.499))) || any(greaterThanEqual(p, size - 0.501))) { colour = vec4(0, 0, 0, 1); return; }
  vec2 q = clamp((p + 0.5) / halvings - 0.5, vec2(0), side - 1.0);
  float v;
  if (smoothly) {
    ivec2 i = ivec2(floor(q));
    vec2 f = q - vec2(i);
    v = mix(mix(at(i), at(i + ivec2(1, 0)), f.x), mix(at(i + ivec2(0, 1)), at(i + ivec2(1, 1)), f.x), f.y);
  } else v = at(ivec2(floor(q + 0.5)));
  int k = int(v + 0.5);
  colour = vec4(vec3(float(texelFetch(greys, ivec2(k & 255, k >> 8), 0).r) / 255.0), 1);
}`;

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const KEPT = 6;

export class GlPainter {
  kind = 'gl';

  /**
   * @param {HTMLCanvasElement} canvas one that has no context yet
   * @param {boolean} [software] accept WebGL without graphics hardware
   * @throws {Error} where WebGL2 is missing or is software
   */
  constructor(canvas, software = false) {
    this.canvas = canvas;
    const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false });
    if (!gl) throw new Error('no WebGL2');
    this.gl = gl;
    const info = gl.getExtension('WEBGL_debug_renderer_info');
    const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    if (!software && SOFTWARE.test(name)) throw new Error(`software WebGL: ${name}`);
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    this.program = link(gl);
    gl.useProgram(this.program);
    this.at = Object.fromEntries(['film', 'greys', 'canvas', 'size', 'side', 'offset', 'inverse', 'halvings', 'smoothly']
      .map((uniform) => [uniform, gl.getUniformLocation(this.program, uniform)]));
    gl.uniform1i(this.at.film, 0);
    gl.uniform1i(this.at.greys, 1);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.greys = texture(gl, 1);
    /** Newest last. @type {Map<import('./pyramid.js').Level, WebGLTexture>} */
    this.films = new Map();
  }

  /** @param {import('./paint_cpu.js').Scene} scene */
  draw({ layers, m, smooth }) {
    const { gl, at, canvas } = this;
    const { width: W, height: H } = canvas;
    gl.viewport(0, 0, W, H);
    gl.enable(gl.SCISSOR_TEST);
    const det = m.a * m.d - m.b * m.c;
    gl.uniform2f(at.canvas, W, H);
    gl.uniform2f(at.offset, m.e, m.f);
    gl.uniform4f(at.inverse, m.d / det, -m.c / det, -m.b / det, m.a / det);
    gl.uniform1i(at.smoothly, Number(smooth));
    for (const { slice, table, from, to } of layers) {
      const n = pick(slice, Math.max(Math.abs(m.a + m.c), Math.abs(m.b + m.d)));
      const level = levelOf(slice, n);
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, this.#film(level));
      gl.activeTexture(gl.TEXTURE1);
      gl.bindTexture(gl.TEXTURE_2D, this.greys);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, 256, 256, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, table);
      gl.uniform2f(at.size, slice.w, slice.h);
      gl.uniform2f(at.side, level.w, level.h);
      gl.uniform1f(at.halvings, 2 ** n);
      gl.scissor(Math.round(from), 0, Math.max(0, Math.round(to) - Math.round(from)), H);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    }
  }

  /** @param {import('./pyramid.js').Level} level */
  #film(level) {
    const { gl, films } = this;
    let found = films.get(level);
    if (found) films.delete(level);
    else {
      if (Math.max(level.w, level.h) > this.largest) throw new Error('the film is larger than a texture');
      found = texture(gl, 0);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16UI, level.w, level.h, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, level.data);
    }
    films.set(level, found);
    for (const [old, spare] of films) {
      if (films.size <= KEPT) break;
      gl.deleteTexture(spare);
      films.delete(old);
    }
    return found;
  }

  destroy() { this.gl.getExtension('WEBGL_lose_context')?.loseContext(); }
}

/** @param {WebGL2RenderingContext} gl */
function link(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) || 'the shader did not link');
  return program;
}

/** @param {WebGL2RenderingContext} gl @param {number} unit */
function texture(gl, unit) {
  const made = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, made);
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
  return made;
}
